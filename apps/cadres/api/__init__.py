"""The registry for programs: the same reads, writes, fences and masks as the pages."""
