"""`make bench`: every figure, one after the other."""

from benchmarks import crosswalk

if __name__ == "__main__":
    crosswalk.main()
