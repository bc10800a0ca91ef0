"""Questions of one stay: the tab, and the form that puts one."""
