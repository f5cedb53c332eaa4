"""The pages, a module for each place of the site; ``include.site.menu`` lists them."""
