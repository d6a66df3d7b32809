class Ozx < Formula
  desc "<description>"
  homepage "<repository>"
  version "<version>"
  license "<license>"

  on_macos do
    on_arm do
      url "<downloads>/ozx-macos-arm64"
      sha256 "<sha256:ozx-macos-arm64>"
    end
    on_intel do
      url "<downloads>/ozx-macos-x64"
      sha256 "<sha256:ozx-macos-x64>"
    end
  end

  on_linux do
    on_arm do
      url "<downloads>/ozx-linux-arm64"
      sha256 "<sha256:ozx-linux-arm64>"
    end
    on_intel do
      url "<downloads>/ozx-linux-x64"
      sha256 "<sha256:ozx-linux-x64>"
    end
  end

  def install
    bin.install Dir["ozx-*"].first => "ozx"
  end

  test do
    assert_match "ozx #{version}", shell_output("#{bin}/ozx --version")
    (testpath/"plain.zarr").mkpath
    (testpath/"plain.zarr/zarr.json").write('{"zarr_format":3,"node_type":"group"}')
    system bin/"ozx", "convert", "plain.zarr", "plain.zip"
    assert_match "zarr.json", shell_output("#{bin}/ozx ls plain.zip")
  end
end
