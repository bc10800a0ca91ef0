"""Every midnight of every stay in three lanes: occupied, necessary, authorized; avoidable entries on top."""
