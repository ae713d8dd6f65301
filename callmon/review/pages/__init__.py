"""The review page: what people see in a browser.

Every page is made of what the API answers, by calling its endpoints as functions; what a
page changes, its scripts send to the API. So who may see and do what is decided there.
"""
