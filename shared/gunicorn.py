"""Settings of gunicorn for the web pages: ``gunicorn --config python:shared.gunicorn …``.

Requests are not logged: a log of who sent what when would undo the anonymity of answers.
"""

bind = "0.0.0.0:8000"
worker_class = "gthread"
workers = 2
threads = 4
timeout = 60
graceful_timeout = 20
keepalive = 75
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None
errorlog = "-"
control_socket_disable = True
worker_tmp_dir = "/tmp"  # noqa: S108 - a heartbeat file; the container's own memory
