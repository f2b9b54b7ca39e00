namespace ClipDistributed.Coordinator.Control.Lists;

/// <summary>The order of a list.</summary>
/// <param name="Field">What clients call it.</param>
/// <param name="Key">By which items are compared, character by character; no two have the same.</param>
/// <param name="NewestFirst">The last key comes first where a client asks for no order.</param>
internal sealed record ListOrder<T>(string Field, Func<T, string> Key, bool NewestFirst)
{
    private const string Down = " desc";

    /// <summary>As in <c>submitted desc or submitted</c>.</summary>
    public string Names => NewestFirst ? $"'{Field}{Down}' or '{Field}'" : $"'{Field}' or '{Field}{Down}'";

    /// <returns>Whether the last key comes first; null: the list has no such order.</returns>
    public bool? IsDescending(string orderBy) =>
        orderBy == "" ? NewestFirst : orderBy == Field ? false : orderBy == Field + Down ? true : null;
}
