using ClipDistributed.Contracts.Errors;

namespace ClipDistributed.Contracts.Tests.Errors;

public sealed class BadInputExceptionTests
{
    [Fact]
    public void Errors_OneThatQuotesMegabytes_KeepsItsBeginningAndWhatToDo()
    {
        var bad = new BadInputException($"a.json: the value '{new string('x', 20_000_000)}' is none; use another.");
        string line = Assert.Single(bad.Errors);
        Assert.InRange(line.Length, 100, 2_001);
        Assert.StartsWith("a.json: the value 'xxx", line, StringComparison.Ordinal);
        Assert.EndsWith("is none; use another.", line, StringComparison.Ordinal);
        Assert.Equal(line, bad.Message);
    }

    [Fact]
    public void Errors_AMillion_AreCounted()
    {
        var bad = new BadInputException([.. Enumerable.Range(0, 1_000_000).Select(i => $"error {i}.")]);
        Assert.Equal(51, bad.Errors.Count);
        Assert.Equal("999,950 more errors of this kind.", bad.Errors[^1]);
    }
}
