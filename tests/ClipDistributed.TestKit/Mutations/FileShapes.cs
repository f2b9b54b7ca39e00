using ClipDistributed.TestKit.Files;

namespace ClipDistributed.TestKit.Mutations;

/// <summary>What can lie where a file is looked for: by a slip, a broken disk or someone else on the machine.</summary>
public static class FileShapes
{
    /// <summary>Puts one of them, by a seed, in the place of a file or a folder.</summary>
    public static void Put(string path, int seed)
    {
        var random = new Random(seed);
        byte[] sound = File.Exists(path) ? File.ReadAllBytes(path) : [];
        Remove(path);
        switch (random.Next(16))
        {
            case 0:
                SpecialFiles.MakeFifo(path);
                break;
            case 1:
                Directory.CreateDirectory(path);
                break;
            case 2: // a folder that holds one of its own name
                Directory.CreateDirectory(path);
                File.WriteAllBytes(Path.Combine(path, Path.GetFileName(path)), sound);
                break;
            case 3:
                File.CreateSymbolicLink(path, path);
                break;
            case 4:
                File.CreateSymbolicLink(path, path + ".other");
                File.CreateSymbolicLink(path + ".other", path);
                break;
            case 5:
                File.CreateSymbolicLink(path, "/nonexistent/elsewhere");
                break;
            case 6:
                File.CreateSymbolicLink(
                    path,
                    new[]
                    {
                        "/dev/zero",
                        "/dev/full",
                        "/dev/stdin",
                        "/proc/self/mem",
                        "/proc/kmsg",
                        "/proc/self/pagemap",
                        "/proc/version",
                        "/",
                        ".",
                    }[random.Next(9)]
                );
                break;
            case 7: // as large as a disk, of which the sound part comes first
                File.WriteAllBytes(path, sound);
                SpecialFiles.Stretch(path, 1L << random.Next(22, 43));
                break;
            case 8:
                SpecialFiles.Stretch(path, 1L << random.Next(22, 43));
                break;
            case 9:
                File.WriteAllBytes(path, []);
                break;
            case 10: // what a file system leaves after the power was lost
                File.WriteAllBytes(path, new byte[sound.Length]);
                break;
            case 11:
                File.WriteAllBytes(path, [.. "\uFEFF"u8, .. sound]);
                break;
            case 12: // UTF-16, with and without its mark
                File.WriteAllBytes(
                    path,
                    [.. random.Next(2) == 0 ? new byte[] { 0xFF, 0xFE } : [], .. sound.SelectMany(one => new byte[] { one, 0 })]
                );
                break;
            case 13:
                File.WriteAllBytes(path, [.. sound, .. sound]);
                break;
            case 14:
                File.WriteAllBytes(path + ".sound", sound);
                SpecialFiles.HardLink(path + ".sound", path);
                break;
            default:
                SpecialFiles.MakeSocket(path);
                break;
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }
}
