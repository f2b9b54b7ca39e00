using ClipDistributed.TestKit.Files;

namespace ClipDistributed.TestKit.Processes;

/// <summary>A project whose run an older program stopped after step 10; a tiny model.</summary>
public static class OlderRun
{
    public static void CopyTo(string folder)
    {
        string older = Fixtures.File("cases", "runs", "older");
        foreach (string file in Directory.GetFiles(older, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(folder, Path.GetRelativePath(older, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
