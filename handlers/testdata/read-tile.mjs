// Prints the features of a vector tile as GeoJSON, by layer, as
// @mapbox/vector-tile reads them: read-tile.mjs URL TOKEN Z X Y
import {VectorTile} from '@mapbox/vector-tile';
import {PbfReader} from 'pbf';

const [url, token, z, x, y] = process.argv.slice(2);
const response = await fetch(url, {headers: {Authorization: `Bearer ${token}`}});
if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
const tile = new VectorTile(new PbfReader(new Uint8Array(await response.arrayBuffer())));
const layers = {};
for (const [name, layer] of Object.entries(tile.layers)) {
	const features = [];
	for (let i = 0; i < layer.length; i++) features.push(layer.feature(i).toGeoJSON(Number(x), Number(y), Number(z)));
	layers[name] = {version: layer.version, extent: layer.extent, features};
}
console.log(JSON.stringify(layers));
