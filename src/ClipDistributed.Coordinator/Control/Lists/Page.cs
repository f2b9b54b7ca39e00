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
        int size = Math.Min(request.Size == 0 ? UsualSize : request.Size, MaxSize);
        int sign = isDescending ? -1 : 1;
        var found = all.Select(item => (Key: order.Key(item), Item: item))
            .Where(one => after is null || sign * string.CompareOrdinal(one.Key, after) > 0)
            .OrderBy(one => one.Key, Comparer<string>.Create((a, b) => sign * string.CompareOrdinal(a, b)))
            .Take(size + 1)
            .ToList();
        string next = found.Count > size ? token.Write(found[size - 1].Key) : "";
        return new ListPage<T>([.. found.Take(size).Select(one => one.Item)], next);
    }
}
