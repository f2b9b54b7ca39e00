using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Data.Tokens;

/// <summary>Symbols with their ids and the merges, the most important first. Not every id below EndOfText need be used.</summary>
/// <param name="Ids">Symbols written in <see cref="ByteSymbols"/>, without the two special ones.</param>
/// <param name="Merges">Pairs of symbols; each pair put together is a symbol too.</param>
/// <param name="StartOfText">The id put before every caption.</param>
/// <param name="EndOfText">The id put after it; the largest of all, since the text tower pools where the largest id stands.</param>
internal sealed record BpeVocabulary(
    IReadOnlyDictionary<string, int> Ids, IReadOnlyList<BpeMerge> Merges, int StartOfText, int EndOfText)
{
    /// <summary>Refuses what cannot be encoded with, naming the file and the first fault of each sort.</summary>
    /// <exception cref="BadInputException">One line per fault.</exception>
    public BpeVocabulary Checked(string file)
    {
        var errors = new List<string>();
        if (Ids.Count == 0)
            errors.Add($"{file}: holds no symbols; use a tokenizer.json or OpenAI's bpe_simple_vocab_16e6.txt.gz.");
        if (StartOfText < 0 || StartOfText >= EndOfText || Ids.Values.Any(id => id < 0 || id >= EndOfText || id == StartOfText))
            errors.Add(
                $"{file}: the id of end-of-text ({EndOfText}) must be the largest and that of start-of-text ({StartOfText}) its own.");
        if (Ids.GroupBy(entry => entry.Value).FirstOrDefault(group => group.Count() > 1) is { } shared)
            errors.Add(
                $"{file}: id {shared.Key} is given to "
                    + $"{string.Join(" and ", shared.Take(2).Select(entry => $"'{FileWords.Of(entry.Key)}'"))}; ids must differ."
            );
        var seen = new HashSet<BpeMerge>();
        foreach (var (merge, number) in Merges.Select((merge, index) => (merge, index + 1)))
        {
            string? unknown = new[] { merge.Left, merge.Right, merge.Result }.FirstOrDefault(symbol => !Ids.ContainsKey(symbol));
            if (unknown is not null)
                errors.Add(
                    $"{file}: merge {number} ({FileWords.Of($"{merge}")}) needs '{FileWords.Of(unknown)}', which is not a symbol of the "
                        + $"vocabulary."
                );
            else if (!seen.Add(merge))
                errors.Add($"{file}: merge {number} ({FileWords.Of($"{merge}")}) is there twice.");
            if (errors.Count > 0)
                break;
        }
        return errors.Count == 0 ? this : throw new BadInputException(errors);
    }
}
