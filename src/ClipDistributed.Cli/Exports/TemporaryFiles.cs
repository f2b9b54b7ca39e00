namespace ClipDistributed.Cli.Exports;

/// <summary>A folder of this user alone, for as long as a command needs it.</summary>
internal sealed class TemporaryFiles : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("clipd-export-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
