"""What `kerasfix models` shows: every model of a program, its layers, shapes, parameters, inputs and findings."""
