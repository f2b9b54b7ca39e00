using ClipDistributed.Contracts.Files;

namespace ClipDistributed.Cli.Exports;

/// <summary>Temporary files without a name: the system removes them with this process, however it ends.</summary>
internal sealed class NamelessFiles : IDisposable
{
    private readonly List<FileStream> files = [];

    public FileStream Create()
    {
        string path = GuardedFile.TemporaryName(Path.Combine(Path.GetTempPath(), "clipd-export"));
        var file = GuardedFile.CreateNew(path);
        files.Add(file);
        File.Delete(path);
        return file;
    }

    /// <summary>By which this process opens it again.</summary>
    public static string PathOf(FileStream file) => $"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}";

    public void Dispose() => files.ForEach(file => file.Dispose());
}
