using System.Diagnostics;
using System.Text;
using ClipDistributed.Contracts.Safetensors;

namespace ClipDistributed.Contracts.Tests.Safetensors;

/// <summary>Headers that lie, or are larger than a model's.</summary>
public sealed class SafetensorsHeaderTests
{
    [Fact]
    public void Read_NineHundredThousandTensors_IsRefusedAtOnce()
    {
        string header = "{" + string.Join(",", Enumerable.Range(0, 900_000).Select(i => $$"""
            "t{{i}}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}
            """)) + "}";
        var clock = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("more than 100,000 entries", Refusal(header), StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"it took {clock.Elapsed}");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 300 << 20);
    }

    [Fact]
    public void Read_ATensorOfMillionsOfSides_IsRefusedAtOnce() =>
        Assert.Contains(
            "values and keys",
            Refusal(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[" + string.Join(",", Enumerable.Repeat("0", 5_000_000)) + "],\"data_offsets\":[0,0]}}"
            ),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("""[1]""", "is not an object")]
    [InlineData("""{"a":[]}""", "tensor 'a' is not an object")]
    [InlineData("""{"a":{}}""", "has the type ''")]
    [InlineData("""{"a":{"dtype":5,"shape":[],"data_offsets":[0,4]}}""", "has the type ''")]
    [InlineData("""{"a":{"dtype":"F32","shape":5,"data_offsets":[0,4]}}""", "no list of shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":["x"],"data_offsets":[0,4]}}""", "in its shape what is not a whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", "in its shape what is not a whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", "not 2 data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,5]}}""", "not 2 data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", "no list of data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[null,4]}}""", "is not a whole number")]
    [InlineData("""{"__metadata__":5}""", "the metadata is not an object")]
    [InlineData("""{"__metadata__":{"a":5}}""", "'a' is not text")]
    [InlineData("""{"\uD800":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", "half a character")]
    [InlineData("""{"a":{"dtype":"\uDC00","shape":[],"data_offsets":[0,4]}}""", "half a character")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}""",
        "not what safetensors prescribes"
    )]
    public void Read_HeaderOfAnotherForm_IsRefusedByWhatIsWrong(string header, string expected) =>
        Assert.Contains(expected, Refusal(header), StringComparison.Ordinal);

    [Fact]
    public void Read_HeaderThatIsNoText_IsRefused() =>
        Assert.Contains("is not text in UTF-8", Refusal([.. "{\""u8, 0xFF, .. "\":1}"u8]), StringComparison.Ordinal);

    [Fact]
    public void Read_LongNamesAndShapes_AreShownShort()
    {
        string name = new('n', 5_000_000);
        string refusal = Refusal($$$"""{"{{{name}}}":{"dtype":"{{{name}}}","shape":[1],"data_offsets":[0,4]}}""");
        Assert.InRange(refusal.Length, 50, 500);
    }

    [Fact]
    public void Read_PairOfSurrogatesInAnEscape_IsAName()
    {
        byte[] header =
            """{"__metadata__":{"a\\\"\n":"b","n":null},"\uD83D\uDE00":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"""u8.ToArray();
        var (entries, metadata, _) = SafetensorsHeader.Read(new MemoryStream(File(header)));
        Assert.Equal("\U0001F600", Assert.Single(entries).Name);
        Assert.Equal("b", metadata["a\\\"\n"]);
    }

    private static string Refusal(string header) => Refusal(Encoding.UTF8.GetBytes(header));

    private static string Refusal(byte[] header) =>
        Assert.Throws<InvalidDataException>(() => SafetensorsHeader.Read(new MemoryStream(File(header)))).Message;

    /// <summary>With data of one number.</summary>
    private static byte[] File(byte[] header) => [.. BitConverter.GetBytes((long)header.Length), .. header, 0, 0, 0, 0];
}
