document.body.textContent = "Weir";
