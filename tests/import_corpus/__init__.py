"""Messy workbooks made by code: every form a county's roster comes in, and files that are none."""
