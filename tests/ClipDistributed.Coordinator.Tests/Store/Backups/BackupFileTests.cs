using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Backups;

namespace ClipDistributed.Coordinator.Tests.Store.Backups;

public sealed class BackupFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("nothing", "is no backup of a coordinator")]
    [InlineData("a database", "is no backup of a coordinator")]
    [InlineData("a later format", @"was made by a later version of clipd \(format 2\); restore it with that one")]
    [InlineData("later tables", @"was made by a later version of clipd \(9\.9, tables 29990101000000_Later\); restore it with that one")]
    [InlineData("no header", "is damaged: its header cannot be read; use another backup")]
    [InlineData("an empty header", "is damaged: its header is empty; use another backup")]
    [InlineData("half", @"is damaged: it has \d+ bytes, and should have \d+; use another backup")]
    [InlineData("more", @"is damaged: it has \d+ bytes, and should have \d+; use another backup")]
    [InlineData("another byte", "is damaged: its checksum does not match; use another backup")]
    [InlineData("another time", "is damaged: its checksum does not match; use another backup")]
    [InlineData("a folder", "is a folder; name a file")]
    public async Task Check_OtherFile_IsOneLine(string kind, string error)
    {
        var options = new CoordinatorOptions { StateDirectory = folder.File("state") };
        string file = await StoreBackups.MakeAsync(folder, options);
        Assert.Equal(StoreSchema.Migrations[^1], BackupFile.Check(file).Schema);
        byte[] bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        string begin = Encoding.Latin1.GetString(bytes, 0, 400);
        bytes = kind switch
        {
            "nothing" => [],
            "a database" => File.ReadAllBytes(folder.File("state/coordinator.db")),
            "a later format" => Encoding.ASCII.GetBytes("clipd backup 2\n\x01"),
            "later tables" => Replace("\"schema\": \"", "\"version\": \"9.9\", \"schema\": \"29990101000000_Later\", \"x\": \""),
            "no header" => Encoding.ASCII.GetBytes("clipd backup 1\nnothing\n"),
            "an empty header" => Encoding.ASCII.GetBytes("clipd backup 1\n{}\n"),
            "half" => bytes[..(bytes.Length / 2)],
            "more" => [.. bytes, 0],
            "another byte" => Changed(bytes.Length / 2),
            "another time" => Changed(begin.IndexOf("taken", StringComparison.Ordinal) + "taken\": \"202".Length),
            _ => bytes,
        };
        if (kind == "a folder")
            file = folder.File("state");
        else
            await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        var refused = Assert.Throws<BadInputException>(() => BackupFile.Check(file));

        Assert.Matches($"^{file} {error}", Assert.Single(refused.Errors));
        Assert.DoesNotContain('\n', refused.Errors[0]);
        var target = new CoordinatorOptions { StateDirectory = folder.File("target") };
        await Assert.ThrowsAsync<BadInputException>(() => StoreBackups.RestoreAsync(target, file));
        Assert.False(File.Exists(folder.File("target/coordinator.db")));

        byte[] Replace(string from, string to) => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(bytes).Replace(from, to));

        byte[] Changed(int place)
        {
            byte[] changed = [.. bytes];
            changed[place] ^= 1;
            return changed;
        }
    }
}
