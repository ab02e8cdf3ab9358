// As dark as the system before anything is painted; once the view is read it decides (see `setLook` in dom.js).
document.documentElement.toggleAttribute("data-dark", matchMedia("(prefers-color-scheme: dark)").matches);
