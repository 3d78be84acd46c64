"""An app whose containers answer every request with one text from nginx's memory: never the bottleneck of what is in front of them."""

import tempfile
from pathlib import Path

from .platform import App

DOCKERFILE = """FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends nginx-light && rm -rf /var/lib/apt/lists/*
COPY nginx.conf /etc/nginx/nginx.conf
EXPOSE 5000
CMD ["nginx", "-g", "daemon off;"]
"""
CONF = """worker_processes 1;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000;
  server {{ listen 5000; location / {{ default_type text/plain; return 200 "{text}"; }} }}
}}
"""


def deploy_answering(user, name, text):
    """The app, created and pushed; `text` has nothing that nginx would expand."""
    source = Path(tempfile.mkdtemp(dir=user.platform.scratch))
    (source / "Dockerfile").write_text(DOCKERFILE)
    (source / "nginx.conf").write_text(CONF.format(text=text))
    app = App(user, name, source).create()
    app.push()
    return app
