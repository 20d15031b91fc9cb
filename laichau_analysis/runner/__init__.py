"""From notebooks to published reports: find, execute, render, publish."""
