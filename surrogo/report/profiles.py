"""Profile likelihoods, as a plot of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from surrogo.calibration.profiles import Profile, Profiles

_COLUMNS = 3
_HIGHEST = 1.6  # thresholds that are shown
_COLOURS = {"found": "C0", "open": "C1", "failed": "C3", "unfinished": "C3"}


def plot_profiles(profiles: Profiles) -> Any:
    """Draw how the value rises along each parameter, its threshold and the interval.

    An end is blue where it was found, orange where the profile is open at a bound, red
    where simulations failed or ran out.

    Parameters
    ----------
    profiles : Profiles

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from surrogo import Evaluation, Space
    >>> from surrogo.calibration.profiles import profiles
    >>> from surrogo.calibration.target import Target
    >>> space = Space.of({"k": (0, 3)})
    >>> target = Target(space, lambda x: Evaluation(9 * (x[0] - 1)**2), [1.0])
    >>> figure = plot_profiles(profiles(target))
    >>> figure.axes[0].get_xlabel()
    'k'
    """
    import matplotlib.pyplot as plt

    columns = min(_COLUMNS, len(profiles))
    n_rows = -(-len(profiles) // columns)
    figure = plt.figure(figsize=(3.0 * columns, 2.4 * n_rows), layout="constrained")
    axes = figure.subplots(n_rows, columns, squeeze=False).ravel()
    for ax, one in zip(axes, profiles, strict=False):
        _draw(ax, one)
    for ax in axes[len(profiles) :]:
        ax.set_axis_off()
    return figure


def _draw(ax: Any, profile: Profile) -> None:
    ax.plot(profile.x[:, profile.index], profile.values, "-o", ms=3, color="0.3")
    ax.axhline(profile.rise, color="0.6", lw=1, ls="--")
    ends = zip(
        profile.interval, (profile.lower_state, profile.upper_state), strict=True
    )
    for end, state in ends:
        ax.axvline(
            end, color=_COLOURS[state], lw=1, ls="-" if state == "found" else ":"
        )
    ax.set(xlabel=profile.name, ylabel="rise", ylim=(None, _HIGHEST * profile.rise))
