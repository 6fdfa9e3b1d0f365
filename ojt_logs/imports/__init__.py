"""Hours from files: payroll exports and other tables, one row an entry."""
