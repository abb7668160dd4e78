"""Demo data: invented people of 九江市 and 齐齐哈尔市. Names are drawn, ID numbers use area codes that don't exist, phones a prefix that doesn't."""
