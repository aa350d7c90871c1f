"""Holds bytes that are no UTF-8: ÿ"""
