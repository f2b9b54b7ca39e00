using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Coordinator.Control.Lists;

/// <summary>
/// Divides lists into pages. A page begins after the key of the last item before it: what is added or deleted in between makes no item
/// come twice and leaves none out.
/// </summary>
internal static class Page
{
    // As the protos say.
    public const int UsualSize = 100, MaxSize = 1_000;

    /// <exception cref="BadInputException">There is no such page or order.</exception>
    public static ListPage<T> Of<T>(IEnumerable<T> all, ListOrder<T> order, PageRequest request)
    {
        var (size, isDescending, after, token) = Read(order, request);
        int sign = isDescending ? -1 : 1;
        var found = all.Select(item => (Key: order.Key(item), Item: item))
            .Where(one => after is null || sign * string.CompareOrdinal(one.Key, after) > 0)
            .OrderBy(one => one.Key, Comparer<string>.Create((a, b) => sign * string.CompareOrdinal(a, b)))
            .Take(size + 1)
            .Select(one => one.Item)
            .ToList();
        return Cut(found, size, order, token);
    }

    /// <summary>Of a list that is too long for memory.</summary>
    /// <param name="find">Up to so many items in the order (true: descending) after the one of this key; null: from the first.</param>
    /// <exception cref="BadInputException">There is no such page or order.</exception>
    public static async Task<ListPage<T>> OfAsync<T>(
        Func<bool, string?, int, Task<IReadOnlyList<T>>> find, ListOrder<T> order, PageRequest request)
    {
        var (size, isDescending, after, token) = Read(order, request);
        return Cut(await find(isDescending, after, size + 1), size, order, token);
    }

    private static (int Size, bool IsDescending, string? After, PageToken Token) Read<T>(ListOrder<T> order, PageRequest request)
    {
        var errors = new List<InputError>();
        if (request.Size < 0)
            errors.Add(new InputError("page_size", $"page_size is {request.Size}; use 0 ({UsualSize}) to {MaxSize}."));
        if (order.IsDescending(request.OrderBy) is not { } isDescending)
            throw new BadInputException(
                [.. errors, new InputError("order_by", $"order_by is '{Excerpt.Of(request.OrderBy)}'; use {order.Names}.")]);
        var token = new PageToken($"{order.Field} {isDescending} {request.Filter}");
        string? after = token.Read(request.Token, errors);
        if (errors.Count > 0)
            throw new BadInputException(errors);
        return (Math.Min(request.Size == 0 ? UsualSize : request.Size, MaxSize), isDescending, after, token);
    }

    /// <param name="found">One more than the page has, where there are more.</param>
    private static ListPage<T> Cut<T>(IReadOnlyList<T> found, int size, ListOrder<T> order, PageToken token) =>
        new([.. found.Take(size)], found.Count > size ? token.Write(order.Key(found[size - 1])) : "");
}
