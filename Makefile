# Every target is one line over ./hub, which makes the environment it needs.
CITIZENS ?= 20000

demo: ; ./hub demo --citizens $(CITIZENS)
test: ; ./hub test
lint: ; ./hub lint
bench: ; ./hub bench $(ONLY)
up: ; ./hub up
down: ; ./hub down
clean: ; ./hub clean

.PHONY: demo test lint bench up down clean
