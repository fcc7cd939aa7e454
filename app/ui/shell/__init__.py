"""The frame around the pages: header, status bar, activity, toasts, settings, first start."""
