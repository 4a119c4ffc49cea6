"""What people ask: readers that join rooms as passes do, and never write."""
