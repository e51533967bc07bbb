"""One look for all figures."""

import matplotlib as mpl
import seaborn as sns

# Okabe and Ito (2008): told apart under every common colour-vision deficiency.
FOCAL, REFERENCE, NEUTRAL, MARK = "#D55E00", "#0072B2", "#7F7F7F", "#000000"


def set_style() -> None:
    """Apply the compendium's look to every figure drawn after."""
    sns.set_theme(style="whitegrid", context="notebook")
    mpl.rcParams.update(
        {
            "figure.constrained_layout.use": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "svg.hashsalt": "learning-with-others",
            "svg.fonttype": "none",
            "font.family": "DejaVu Sans",
            "image.cmap": "viridis",  # known to matplotlib without seaborn
        }
    )
