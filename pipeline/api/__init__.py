"""What programs call, beside the page and in the same process: HTTP under `/api`, MCP under `/mcp`.

`middleware` puts it in front of the page's own application. Requests are drawn from the models of
`pipeline.spec` and become jobs in `pipeline.service.store`, which `pipeline.service.worker` makes.
"""

from pipeline.api.gateway import middleware
from pipeline.api.studio import Studio

__all__ = ["Studio", "middleware"]
