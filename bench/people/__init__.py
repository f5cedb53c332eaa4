"""The dataset the row path is measured on: records of 14 fields with a nested address, served a thousand a page. Peers read the same pages."""
