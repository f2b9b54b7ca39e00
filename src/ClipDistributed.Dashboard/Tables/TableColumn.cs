using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Tables;

/// <summary>A column of a table.</summary>
/// <param name="Key">In the page's address.</param>
/// <param name="By">What it is sorted by; a missing value comes last. Null: it is not sorted.</param>
public sealed record TableColumn<T>(string Key, string Title, Func<T, IComparable?>? By, RenderFragment<T> Cell)
{
    /// <summary>Of its cells.</summary>
    public string Class { get; init; } = "";

    /// <summary>Aligned to the right, and sorted from the largest first.</summary>
    public bool IsNumber { get; init; }

    /// <summary>It is there unless the user leaves it out.</summary>
    public bool IsShown { get; init; } = true;

    /// <summary>It is always there.</summary>
    public bool IsFixed { get; init; }

    /// <summary>For screen readers alone.</summary>
    public bool HidesTitle { get; init; }
}
