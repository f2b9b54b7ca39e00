using ClipDistributed.Contracts.Checkpoints;
using CsCheck;

namespace ClipDistributed.Contracts.Tests.Checkpoints;

public sealed class CheckpointFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public CheckpointFilesTests()
    {
        File.WriteAllText(folder.File("a.bin"), "content");
        File.WriteAllText(folder.File("b.bin"), "more");
        CheckpointFiles.Write(folder.Path, step: 7);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void FindDamage_UntouchedFolder_IsNull() => Assert.Null(CheckpointFiles.FindDamage(folder.Path));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\0\0\0\0")] // what a file system leaves when the power goes
    [InlineData("""{"step":7}""")]
    [InlineData("""{"step":7,"files":{}}""")]
    [InlineData("""{"step":7,"files":null}""")]
    [InlineData("""{"step":7,"files":{"a.bin":null}}""")]
    [InlineData("""{"step":7,"files":{"a.bin":{}}}""")]
    [InlineData("""{"step":7,"files":{"../a.bin":{"bytes":1,"sha256":"00"}}}""")]
    public void FindDamage_ListThatIsNone_NamesIt(string list)
    {
        File.WriteAllText(folder.File(CheckpointFiles.FileName), list);
        string damage = Assert.IsType<string>(CheckpointFiles.FindDamage(folder.Path));
        Assert.True(damage.Contains(CheckpointFiles.FileName) || damage.Contains("a.bin"), damage);
    }

    [Fact]
    public void FindDamage_OneByteOfAnyFileChanged_NamesTheFile() =>
        (from name in Gen.OneOf("a.bin", "b.bin") from at in Gen.Int[0, 3] from bits in Gen.Byte[1, 255] select (name, at, bits)).Sample(
            drawn =>
            {
                string path = folder.File(drawn.name);
                byte[] sound = File.ReadAllBytes(path);
                byte[] bytes = [.. sound];
                bytes[drawn.at] ^= drawn.bits;
                File.WriteAllBytes(path, bytes);
                string? damage = CheckpointFiles.FindDamage(folder.Path);
                File.WriteAllBytes(path, sound);
                Assert.Contains(drawn.name, damage);
            },
            iter: 50,
            threads: 1
        );

    [Fact]
    public void FindDamage_OneByteOfTheListChanged_NeverThrowsAndIsSilentOnlyWhereNothingIsLost()
    {
        string path = folder.File(CheckpointFiles.FileName);
        byte[] sound = File.ReadAllBytes(path);
        var expected = Parse(sound);
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte[1, 255]).Sample((at, bits) =>
        {
            byte[] bytes = [.. sound];
            bytes[at] ^= bits;
            File.WriteAllBytes(path, bytes);
            if (CheckpointFiles.FindDamage(folder.Path) is null)
                Assert.Equal(expected, Parse(bytes)); // white space or the step's digit, which the folder's name and state.json hold too
        }, iter: 2000, threads: 1);

        static string Parse(byte[] json) => System.Text.Json.Nodes.JsonNode.Parse(json)!["files"]!.ToJsonString();
    }
}
