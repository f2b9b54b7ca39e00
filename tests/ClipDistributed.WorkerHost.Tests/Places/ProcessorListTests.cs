using ClipDistributed.WorkerHost.Places;
using CsCheck;

namespace ClipDistributed.WorkerHost.Tests.Places;

public sealed class ProcessorListTests
{
    [Theory]
    [InlineData("0-3,8-9,12\n", "0 1 2 3 8 9 12")]
    [InlineData("7", "7")]
    [InlineData("", "")] // a node of memory alone
    [InlineData("2-3,0-2", "0 1 2 3")]
    public void Parse_List_GivesEachOnce(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', ProcessorList.Parse(text)!));

    [Theory]
    [InlineData("3-1")]
    [InlineData("a")]
    [InlineData("-1")]
    [InlineData("1-2-3")]
    [InlineData("0-8192")] // more than any kernel has
    [InlineData("0-99999999999")]
    [InlineData("+1")]
    public void Parse_NoList_IsNull(string text) => Assert.Null(ProcessorList.Parse(text));

    [Fact]
    public void Parse_RangesOfAnySet_GiveTheSet() =>
        Gen.Int[0, ProcessorList.Max - 1].Array[0, 40].Sample(numbers =>
        {
            var set = new SortedSet<int>(numbers.SelectMany(number => new[] { number, Math.Min(number + 1, ProcessorList.Max - 1) }));
            Assert.Equal(set, ProcessorList.Parse(Ranges([.. set])));
        });

    [Fact]
    public void Parse_AnyText_ThrowsNothing() =>
        Gen.Char["0123456789-,x \n"].Array[0, 12].Sample(text =>
        {
            var parsed = ProcessorList.Parse(new string(text));
            Assert.True(parsed is null || parsed.SequenceEqual(parsed.Order().Distinct()));
        });

    /// <summary>As Linux writes them.</summary>
    private static string Ranges(int[] processors)
    {
        var starts = processors.Where((number, i) => i == 0 || processors[i - 1] != number - 1);
        var ends = processors.Where((number, i) => i == processors.Length - 1 || processors[i + 1] != number + 1);
        return string.Join(',', starts.Zip(ends, (first, last) => first == last ? $"{first}" : $"{first}-{last}"));
    }
}
