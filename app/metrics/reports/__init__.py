"""Reports of measures: saved under a name, on a page and on paper, sent by mail, taken out as files."""
