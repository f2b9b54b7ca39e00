namespace ClipDistributed.Collectives.Tests;

/// <summary>Keys as files of one folder, for a group of processes.</summary>
public sealed class FileRendezvous(string folder) : IRendezvous
{
    public void Set(string key, byte[] value)
    {
        string path = PathOf(key);
        File.WriteAllBytes(path + ".tmp", value);
        File.Move(path + ".tmp", path);
    }

    public byte[] Get(string key, TimeSpan timeout)
    {
        string path = PathOf(key);
        using var watcher = new FileSystemWatcher(folder) { EnableRaisingEvents = true };
        if (!File.Exists(path))
        {
            using var found = new ManualResetEventSlim();
            watcher.Renamed += (_, change) =>
            {
                if (change.FullPath == path)
                    found.Set();
            };
            // Between the first look and the subscription the file may have come.
            if (!File.Exists(path) && !found.Wait(timeout))
                throw new TimeoutException($"{path} did not appear");
        }
        return File.ReadAllBytes(path);
    }

    private string PathOf(string key) => Path.Combine(folder, key.Replace('/', '-'));
}
