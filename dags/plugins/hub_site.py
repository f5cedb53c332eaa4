"""The auditors' site in Airflow's navigation, in a frame; ``HUB_SITE_URL`` says where it is, and the site must allow it (``HUB_SITE_EMBED_IN``)."""

import os
from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

URL = os.environ.get("HUB_SITE_URL", "")


class HubSite(AirflowPlugin):
    """One entry of the navigation; its name is short because Airflow cuts longer ones."""

    name = "hub_site"
    external_views: ClassVar[list[Any]] = (
        [{"name": "Báo cáo", "href": f"{URL}/", "destination": "nav", "url_route": "bao-cao", "nav_top_level": True}] if URL else []
    )
