"""Remembers what the controller has answered in this run, for the comparison with the OpenAPI document."""

import urllib.parse


class Recorder:
    def __init__(self):
        self.exchanges = []  # (method, path without query, Answer)

    def add(self, method, path, answer):
        self.exchanges.append((method, urllib.parse.urlsplit(path).path, answer))
