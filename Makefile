# Every target is one line over ./hub, which makes the environment it needs.
# CITIZENS=200000: so many; otherwise the province that is there, else 20,000. ANEW=1: another one in its place, the hub emptied.
demo: ; ./hub demo $(if $(CITIZENS),--citizens $(CITIZENS)) $(if $(ANEW),--anew)
test: ; ./hub test
lint: ; ./hub lint
bench: ; ./hub bench $(ONLY)
up: ; ./hub up
down: ; ./hub down
clean: ; ./hub clean

.PHONY: demo test lint bench up down clean
