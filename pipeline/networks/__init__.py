"""The published networks as plain torch modules: tensors in, tensors out, no files, faces or widgets.

Each module names the paper it comes from and keeps the tensor names of the published checkpoint, so that
`load_state_dict(..., strict=True)` takes the file as it is. `tests/parity` proves each against recorded
outputs. Nothing is imported here: torch comes in with the module that is asked for.
"""
