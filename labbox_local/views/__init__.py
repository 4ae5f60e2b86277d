"""What a person sees of a sorting: one file per view, built-in and plug-in views through the same registry."""
