"""Invented data in real formats, so that nothing downstream knows that it is simulated.

Every message carries the header ``X-Depeer-Simulated``, and whatever shows it says *simulated*.
"""
