"""The stored clocks over time: computed anew when hours or rules have changed, compared, and given out as data."""
