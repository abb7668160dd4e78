"""Every read of care; the scope is the first argument wherever rows belong to a place."""
