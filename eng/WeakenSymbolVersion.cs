using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Marks one symbol version that an ELF library needs as weak, so that a loader whose libstdc++ lacks it goes on.
/// Sets VER_FLG_WEAK in the vernaux entry of .gnu.version_r (System V ABI, "Symbol Versioning", section 10.7.2).
/// Copies the library as it is where the host's libstdc++ offers the version.
/// </summary>
public class WeakenSymbolVersion : Task
{
    private const uint DynamicLinkingVersionNeed = 0x6ffffffe; // SHT_GNU_verneed
    private const ushort WeakFlag = 2; // VER_FLG_WEAK

    [Required] public string Library { get; set; }
    [Required] public string Version { get; set; }
    [Required] public string Output { get; set; }

    public override bool Execute()
    {
        byte[] elf = File.ReadAllBytes(Library);
        string provider = FindStandardLibrary();
        bool offered = provider != null && Contains(File.ReadAllBytes(provider), Version);
        if (!offered && Weaken(elf, Version) > 0)
            Log.LogMessage(
                MessageImportance.Normal,
                "{0}: {1} is now a weak need, since {2} lacks it.",
                Output,
                Version,
                provider ?? "this system"
            );
        File.Delete(Output);
        File.WriteAllBytes(Output, elf);
        return true;
    }

    private static int Weaken(byte[] elf, string version)
    {
        if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[2] != 'L' || elf[3] != 'F' || elf[4] != 2)
            throw new InvalidDataException("not a 64-bit ELF file");
        long sections = BitConverter.ToInt64(elf, 0x28);
        int size = BitConverter.ToUInt16(elf, 0x3a);
        int count = BitConverter.ToUInt16(elf, 0x3c);
        int changed = 0;
        for (int i = 0; i < count; i++)
        {
            int header = (int)sections + i * size;
            if (BitConverter.ToUInt32(elf, header + 4) != DynamicLinkingVersionNeed)
                continue;
            int start = (int)BitConverter.ToInt64(elf, header + 0x18);
            int link = BitConverter.ToInt32(elf, header + 0x28); // the string table that names refer to
            int strings = (int)BitConverter.ToInt64(elf, (int)sections + link * size + 0x18);
            for (int need = start; ;)
            {
                int entry = need + (int)BitConverter.ToUInt32(elf, need + 8);
                for (int left = BitConverter.ToUInt16(elf, need + 2); left > 0; left--)
                {
                    if (ReadName(elf, strings + (int)BitConverter.ToUInt32(elf, entry + 8)) == version)
                    {
                        elf[entry + 4] |= (byte)WeakFlag;
                        changed++;
                    }
                    entry += (int)BitConverter.ToUInt32(elf, entry + 12);
                }
                int next = (int)BitConverter.ToUInt32(elf, need + 12);
                if (next == 0)
                    break;
                need += next;
            }
        }
        return changed;
    }

    private static string ReadName(byte[] elf, int at)
    {
        int end = Array.IndexOf(elf, (byte)0, at);
        return Encoding.ASCII.GetString(elf, at, end - at);
    }

    private static string FindStandardLibrary()
    {
        foreach (string folder in new[] { "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib" })
        {
            string path = Path.Combine(folder, "libstdc++.so.6");
            if (File.Exists(path))
                return path;
        }
        return null;
    }

    private static bool Contains(byte[] bytes, string text)
    {
        byte[] wanted = Encoding.ASCII.GetBytes(text + "\0");
        for (
            int at = Array.IndexOf(bytes, wanted[0]);
            at >= 0 && at + wanted.Length <= bytes.Length;
            at = Array.IndexOf(bytes, wanted[0], at + 1)
        )
        {
            int i = 1;
            while (i < wanted.Length && bytes[at + i] == wanted[i])
                i++;
            if (i == wanted.Length)
                return true;
        }
        return false;
    }
}
