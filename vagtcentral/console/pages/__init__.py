"""The pages that people see: each module declares its pages with `shell.page`, `pages.all` imports them."""
