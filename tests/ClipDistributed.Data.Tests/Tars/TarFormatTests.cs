using System.Formats.Tar;
using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Shards;

namespace ClipDistributed.Data.Tests.Tars;

public sealed class TarFormatTests : IDisposable
{
    private const BlockColumns All = BlockColumns.Image | BlockColumns.Caption | BlockColumns.Label;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.Pax)]
    public void ReadBlock_EveryKindOfTar_GivesItsSamples(TarEntryFormat format)
    {
        Write(TarBytes.Of(
            format, ("000.jpg", [1, 2]), ("000.txt", "eins"u8.ToArray()), ("000.json", "{}"u8.ToArray()),
            ("001.txt", "zwei"u8.ToArray()), ("001.JPG", [3])));
        Assert.Equal(["1,2 eins", "3 zwei"], Rows());
    }

    [Theory]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.Pax)]
    public void ReadBlock_LongNames_AreKeysInFull(TarEntryFormat format)
    {
        string key = string.Join('/', Enumerable.Repeat("ein-langer-name-ä", 30));
        Write(TarBytes.Of(
            format, ($"{key}1.jpg", [1]), ($"{key}1.txt", "a"u8.ToArray()), ($"{key}2.txt", "b"u8.ToArray()), ($"{key}2.jpg", [2])));
        Assert.Equal(["1 a", "2 b"], Rows());
    }

    [Fact]
    public void ReadBlock_NameInPrefix_IsOneName()
    {
        string long1 = new('a', 90), long2 = new('b', 60);
        Write(TarBytes.Of(
            ($"{long1}/{long2}.jpg", [1]), ($"{long1}/c{long2}.jpg", [2]), ($"{long1}/{long2}.txt", "x"u8.ToArray())));
        Assert.Equal(["1 x", "2 -"], Rows());
    }

    [Theory]
    [InlineData("a.jpg=1 b.jpg=2 a.txt=A b.txt=B", "1 A|2 B")] // not beside each other
    [InlineData("a.txt=A a.json={} a.jpg=1", "1 A")] // in another order
    [InlineData("a.jpg=1 a.txt=A a.jpg=2 a.txt=B", "1 A|2 B")] // a key that comes again
    [InlineData("a.txt=A a.jpg=1 a.txt=B a.jpg=2 a.jpg=3", "1 A|2 B|3 -")]
    [InlineData("x/a.jpg=1 y/a.jpg=2 y/a.txt=B", "1 -|2 B")] // folders are part of the key
    [InlineData("a.jpg=1 README=r note.md=n __meta__.json={} ._a.jpg=m a.txt=A", "1 A")] // what is not a sample
    [InlineData("a.png=1 a.txt=A b.webp=2 b.txt=B c.jpeg=3 c.txt=C", "1 A|2 B|3 C")]
    [InlineData("a.seg.png=9 a.jpg=1 a.txt=A", "1 A")] // an ending of two parts is another part of the sample
    [InlineData("../../etc/a.jpg=1 ../../etc/a.txt=A /abs.jpg=2 /abs.txt=B", "1 A|2 B")] // names are not paths
    public void ReadBlock_MembersOfSamples_AreFoundByTheirKeys(string members, string rows)
    {
        Write(TarBytes.OfTexts(members.Split(' ')));
        Assert.Equal(rows.Split('|'), Rows().Select(row => row.Replace("49", "1").Replace("50", "2").Replace("51", "3")));
    }

    [Fact]
    public void ReadBlock_CaptionsInJson_AreReadByName()
    {
        Write(TarBytes.OfTexts(
            """a.json={"caption":"eins \u00e4","width":3,"label":7}""", "a.jpg=1", """b.json={"caption":null}""", "b.jpg=2",
            "c.json=}", "c.jpg=3"));
        var shard = Build(new ColumnNeeds(ColumnNeed.Required, ColumnNeed.Welcome));
        Assert.Equal(("jpg", "json.caption", "json.label"), (shard.ImageColumn, shard.CaptionColumn, shard.LabelColumn));
        var data = BlockReading.ReadOnce(shard, 0, All);
        Assert.Equal(["eins ä", null, null], data.Captions);
        Assert.Equal(["7", null, null], data.Labels!);
        Assert.True(data.LabelsAreNumbers);
    }

    [Fact]
    public void Build_NamedColumns_AreTaken()
    {
        Write(TarBytes.OfTexts("a.jpg=1", "a.png=2", "a.txt=A", "a.alt.txt=B", """a.json={"url":"u"}"""));
        Assert.Equal(["2 -"], Rows(new SourceSpec { ImageColumn = "png;jpg" }, image: "50", BlockColumns.Image));
        Assert.Equal("alt.txt", Build(ColumnNeeds.Pairs, new SourceSpec { CaptionColumn = "alt.txt" }).CaptionColumn);
        var url = Build(ColumnNeeds.Pairs, new SourceSpec { CaptionColumn = "url" });
        Assert.Equal("u", BlockReading.ReadOnce(url, 0).Captions[0]);
        Assert.Contains("no caption member 'title'", Refusal(new SourceSpec { CaptionColumn = "title" }), StringComparison.Ordinal);
        Assert.Contains(".alt.txt", Refusal(new SourceSpec { ImageColumn = "jpx" }), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_ManySamples_AreCutIntoBlocksThatAreReadByThemselves()
    {
        Write(TarBytes.Of([.. Enumerable.Range(0, 2500).SelectMany(i => new[]
        {
            ($"{i:D6}.jpg", Encoding.ASCII.GetBytes($"image {i}")), ($"{i:D6}.txt", Encoding.ASCII.GetBytes($"text {i}")),
        })]));
        var shard = Build(ColumnNeeds.Pairs);
        Assert.Equal([1024L, 1024L, 452L], shard.Blocks.Select(block => block.Rows));
        var middle = BlockReading.ReadOnce(shard, 1);
        Assert.Equal("image 1024", Encoding.ASCII.GetString(middle.Images[0]!));
        Assert.Equal("text 2047", middle.Captions[^1]);
        Assert.Equal(shard.Blocks[1].Bytes, middle.Images.Sum(image => image!.Length) + middle.Captions.Sum(text => text!.Length));
    }

    [Fact]
    public void Build_PartsFarApart_AreOneBlock()
    {
        Write(TarBytes.Of([
            .. Enumerable.Range(0, 1500).Select(i => ($"{i}.jpg", new[] { (byte)i })),
            .. Enumerable.Range(0, 1500).Select(i => ($"{i}.txt", Encoding.ASCII.GetBytes($"{i}"))),
        ]));
        var shard = Build(ColumnNeeds.Pairs);
        Assert.Equal(1500, Assert.Single(shard.Blocks).Rows);
        Assert.Equal("1499", BlockReading.ReadOnce(shard, 0).Captions[1499]);
    }

    [Fact]
    public void Build_OtherNamesOrSizes_HasAnotherDigest()
    {
        string[] tails =
        [
            .. new[] { "a.jpg=1 a.txt=A", "a.jpg=1 a.txt=AB", "b.jpg=1 b.txt=A", "a.txt=A a.jpg=1" }.Select(members =>
            {
                Write(TarBytes.OfTexts(members.Split(' ')));
                return Build(ColumnNeeds.Pairs).Tail!;
            }),
        ];
        Assert.Equal(4, tails.Distinct().Count());
    }

    [Fact]
    public void Build_MetadataBesideATar_IsNoShard()
    {
        Write(TarBytes.OfTexts("a.jpg=1", "a.txt=A"));
        File.WriteAllText(folder.File("a.parquet"), "img2dataset writes what it knows of the samples");
        File.WriteAllText(folder.File("a_stats.json"), "{}");
        Assert.Equal("a.tar", Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = folder.Path }]).Shards).Name);
        Assert.Single(ManifestBuilder.Build([new SourceSpec { Path = folder.File("*") }]).Shards);
    }

    [Fact]
    public void ReadBlock_FileReplaced_IsNoDamage()
    {
        Write(TarBytes.OfTexts("a.jpg=1", "a.txt=A", "b.jpg=2", "b.txt=B"));
        var shard = Build(ColumnNeeds.Pairs);
        Write(TarBytes.OfTexts("a.jpg=1", "a.txt=A", "a.cls=2", "b.txt=B"));
        Assert.Throws<ShardChangedException>(() => BlockReading.ReadOnce(shard, 0));
    }

    [Fact]
    public void ReadBlock_HeaderOverwritten_IsDamage()
    {
        byte[] tar = TarBytes.OfTexts("a.jpg=1", "a.txt=A", "b.jpg=2", "b.txt=B");
        Write(tar);
        var shard = Build(ColumnNeeds.Pairs);
        tar[2048 + 5] ^= 0x40;
        Write(tar);
        Assert.Throws<DamagedShardException>(() => BlockReading.ReadOnce(shard, 0));
    }

    private void Write(byte[] tar) => File.WriteAllBytes(folder.File("a.tar"), tar);

    private ShardEntry Build(ColumnNeeds needs, SourceSpec? columns = null)
    {
        var source = columns?.Clone() ?? new SourceSpec();
        source.Path = folder.File("a.tar");
        return Assert.Single(ManifestBuilder.Build([source], needs: needs).Shards);
    }

    private string Refusal(SourceSpec columns) =>
        Assert.Single(Assert.Throws<BadInputException>(() => Build(ColumnNeeds.Pairs, columns)).Errors);

    private IEnumerable<string> Rows(SourceSpec? columns = null, string? image = null, BlockColumns wanted = All)
    {
        var shard = Build(ColumnNeeds.Pairs, columns);
        foreach (int block in Enumerable.Range(0, shard.Blocks.Count))
        {
            var data = BlockReading.ReadOnce(shard, block, wanted);
            for (int i = 0; i < data.Rows; i++)
            {
                string bytes = string.Join(',', data.Images[i]!);
                yield return $"{(bytes == image ? "2" : bytes)} {data.Captions[i] ?? "-"}";
            }
        }
    }
}
