"""One pass: read, plan, judge, write, as straight functions over the parts handed to them."""
