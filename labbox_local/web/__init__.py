"""HTTP only: routes, forms, errors as statuses, events to the browser, and who may talk to the server."""
