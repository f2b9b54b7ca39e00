using System.Diagnostics;
using System.Text;
using SkiaSharp;

namespace ClipDistributed.Cluster.Tests.Running;

/// <summary>
/// A libjpeg that ends its process by abort() on images with a certain comment, before the real one of the system: no image is
/// known that crashes that one. Of the product nothing is other than usual.
/// </summary>
internal static class CrashingDecoder
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <string.h>

        void jpeg_mem_src(void *info, const unsigned char *data, unsigned long size) {
            if (memmem(data, size, "crashes the decoder", 19))
                abort();
            ((void (*)(void *, const unsigned char *, unsigned long))dlsym(RTLD_NEXT, "jpeg_mem_src"))(info, data, size);
        }
        """;

    /// <summary>JPEGs are decoded by the system's libjpeg, where the machine that built this had a compiler and its headers.</summary>
    public static bool IsPossible =>
        File.Exists(Path.Combine(Path.GetDirectoryName(LiveCluster.ReplicaProgram)!, "lib", "clipd-replica", "libclipd_jpeg.so"));

    /// <summary>A program to start in the place of clipd-replica.</summary>
    public static string Build(string folder)
    {
        string source = Path.Combine(folder, "decoder.c"),
            library = Path.Combine(folder, "decoder.so"),
            program = Path.Combine(folder, "clipd-replica-with-decoder");
        File.WriteAllText(source, Source);
        using var compiler = Process.Start("gcc", ["-shared", "-fPIC", "-o", library, source, "-ldl"]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        File.WriteAllText(program, $"#!/bin/sh\nLD_PRELOAD={library} exec {LiveCluster.ReplicaProgram} \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return program;
    }

    /// <summary>The same image as a JPEG with the comment.</summary>
    public static byte[] Poison(byte[] image)
    {
        using var bitmap = SKBitmap.Decode(image);
        byte[] jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90).ToArray();
        byte[] text = Encoding.ASCII.GetBytes("crashes the decoder");
        return [.. jpeg[..2], 0xFF, 0xFE, 0, (byte)(text.Length + 2), .. text, .. jpeg[2..]];
    }
}
