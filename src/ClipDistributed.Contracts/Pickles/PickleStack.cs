namespace ClipDistributed.Contracts.Pickles;

/// <summary>
/// The objects that a pickle has built and not used yet, and its marks among them; what lies below the newest mark is out of reach.
/// </summary>
/// <param name="input">Says where the pickle is damaged.</param>
/// <exception cref="InvalidDataException">Thrown by every member that takes something: it is not there.</exception>
internal sealed class PickleStack(PickleInput input)
{
    private readonly List<object?> items = [];
    private readonly List<int> marks = [];

    private int Floor => marks.Count > 0 ? marks[^1] : 0;

    public void Push(object? value) => items.Add(value);

    public void Mark() => marks.Add(items.Count);

    public object? Top() => items.Count > Floor ? items[^1] : throw input.Damaged("an item is missing");

    public object? Pop()
    {
        object? top = Top();
        items.RemoveAt(items.Count - 1);
        return top;
    }

    /// <summary>The newest mark, where nothing lies above it.</summary>
    public bool TryPopMark()
    {
        if (marks.Count == 0 || marks[^1] != items.Count)
            return false;
        marks.RemoveAt(marks.Count - 1);
        return true;
    }

    /// <summary>The last items, in the order in which they were pushed.</summary>
    public List<object?> PopLast(int count)
    {
        if (items.Count - Floor < count)
            throw input.Damaged("an item is missing");
        var last = items[^count..];
        items.RemoveRange(items.Count - count, count);
        return last;
    }

    /// <summary>All items above the newest mark, and the mark.</summary>
    public List<object?> PopToMark()
    {
        if (marks.Count == 0)
            throw input.Damaged("a mark is missing");
        var above = PopLast(items.Count - Floor);
        marks.RemoveAt(marks.Count - 1);
        return above;
    }
}
