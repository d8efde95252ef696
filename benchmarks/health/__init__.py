"""Health: do the rules across days find what breaks, the day it breaks, and stay quiet otherwise?"""
